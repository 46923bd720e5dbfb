<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh" sourcelanguage="en">
    <context>
        <name>Actions</name>
        <message>
            <source>3D view</source>
            <translation>3D 视图</translation>
        </message>
        <message>
            <source>About ManyHands</source>
            <translation>关于 ManyHands</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>Begin again at the end</source>
            <translation>到结尾后从头开始</translation>
        </message>
        <message>
            <source>Begin here</source>
            <translation>从此处开始</translation>
        </message>
        <message>
            <source>Begin with new hands: new numbers, shapes learnt anew</source>
            <translation>从新的手开始：新编号，重新学习形状</translation>
        </message>
        <message>
            <source>Boxes</source>
            <translation>边框</translation>
        </message>
        <message>
            <source>Build the fast engine</source>
            <translation>构建快速引擎</translation>
        </message>
        <message>
            <source>Build the network for this machine's GPU, while it runs on; again to cancel</source>
            <translation>为本机的 GPU 构建网络，期间继续运行；再次点击可取消</translation>
        </message>
        <message>
            <source>Check this computer...</source>
            <translation>检查这台电脑...</translation>
        </message>
        <message>
            <source>Clean recording...</source>
            <translation>清理录制...</translation>
        </message>
        <message>
            <source>Close the program</source>
            <translation>关闭程序</translation>
        </message>
        <message>
            <source>Colour the surface by where it faces</source>
            <translation>按表面朝向着色</translation>
        </message>
        <message>
            <source>Commands...</source>
            <translation>命令...</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
        <message>
            <source>Dark or light, as the desktop is</source>
            <translation>深色或浅色，与桌面一致</translation>
        </message>
        <message>
            <source>Dark text on a light ground</source>
            <translation>浅色背景上的深色文字</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>演示片段</translation>
        </message>
        <message>
            <source>Deutsch</source>
            <translation>Deutsch</translation>
        </message>
        <message>
            <source>Draw a frame around each hand</source>
            <translation>在每只手周围画边框</translation>
        </message>
        <message>
            <source>Draw joints and bones of the hand model</source>
            <translation>绘制手部模型的关节和骨骼</translation>
        </message>
        <message>
            <source>Draw the edges of the surface</source>
            <translation>绘制表面的边线</translation>
        </message>
        <message>
            <source>Draw the floor with centimetres</source>
            <translation>绘制带厘米刻度的地面</translation>
        </message>
        <message>
            <source>Draw the hands' surface</source>
            <translation>绘制手的表面</translation>
        </message>
        <message>
            <source>Draw the joints as the network saw them directly in the picture</source>
            <translation>绘制网络直接在画面中看到的关节</translation>
        </message>
        <message>
            <source>Draw where the fingertips were</source>
            <translation>绘制指尖走过的轨迹</translation>
        </message>
        <message>
            <source>End here</source>
            <translation>到此处结束</translation>
        </message>
        <message>
            <source>English</source>
            <translation>English</translation>
        </message>
        <message>
            <source>Export recording...</source>
            <translation>导出录制...</translation>
        </message>
        <message>
            <source>Fill the screen; again to return</source>
            <translation>填满屏幕；再按一次返回</translation>
        </message>
        <message>
            <source>Find anything that can be done by some of its letters</source>
            <translation>输入几个字母即可找到任何操作</translation>
        </message>
        <message>
            <source>Fingertip trails</source>
            <translation>指尖轨迹</translation>
        </message>
        <message>
            <source>First steps and all keys</source>
            <translation>入门和全部按键</translation>
        </message>
        <message>
            <source>Fit the hands of this picture to what it shows, and compare</source>
            <translation>将此画面中的手拟合到画面内容并比较</translation>
        </message>
        <message>
            <source>Follow the hands</source>
            <translation>跟随手</translation>
        </message>
        <message>
            <source>Forget hands</source>
            <translation>忘记手</translation>
        </message>
        <message>
            <source>Forget where playing begins and ends</source>
            <translation>取消播放的起点和终点</translation>
        </message>
        <message>
            <source>Freeze</source>
            <translation>定格</translation>
        </message>
        <message>
            <source>Freeze and refine...</source>
            <translation>定格并精修...</translation>
        </message>
        <message>
            <source>Front</source>
            <translation>正面</translation>
        </message>
        <message>
            <source>Full screen</source>
            <translation>全屏</translation>
        </message>
        <message>
            <source>Give each hand a colour that colour-blind people can tell apart</source>
            <translation>为每只手使用色盲者也能区分的颜色</translation>
        </message>
        <message>
            <source>Give each hand the skin that was predicted</source>
            <translation>为每只手使用预测的肤色</translation>
        </message>
        <message>
            <source>Give every text its first size again</source>
            <translation>将所有文字恢复为最初大小</translation>
        </message>
        <message>
            <source>Go through the images of a folder</source>
            <translation>逐张浏览文件夹中的图片</translation>
        </message>
        <message>
            <source>Grid and axes</source>
            <translation>网格和坐标轴</translation>
        </message>
        <message>
            <source>Hand colours</source>
            <translation>手的颜色</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>手</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>帮助</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>初始视角</translation>
        </message>
        <message>
            <source>Keep the hands in the middle</source>
            <translation>让手保持在中央</translation>
        </message>
        <message>
            <source>Keep this picture with its hands; again to go on</source>
            <translation>保留此画面及其中的手；再按一次继续</translation>
        </message>
        <message>
            <source>Keyboard shortcuts...</source>
            <translation>键盘快捷键...</translation>
        </message>
        <message>
            <source>Keypoints</source>
            <translation>关键点</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Larger text</source>
            <translation>放大文字</translation>
        </message>
        <message>
            <source>Leave out what comes until you go on</source>
            <translation>跳过之后的内容，直到您继续</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Light text on a dark ground</source>
            <translation>深色背景上的浅色文字</translation>
        </message>
        <message>
            <source>Look as the webcam does</source>
            <translation>与摄像头相同的视角</translation>
        </message>
        <message>
            <source>Look for cameras again</source>
            <translation>重新查找摄像头</translation>
        </message>
        <message>
            <source>Look from above</source>
            <translation>从上方观看</translation>
        </message>
        <message>
            <source>Look from the first place again</source>
            <translation>回到最初的视角</translation>
        </message>
        <message>
            <source>Look from the right side</source>
            <translation>从右侧观看</translation>
        </message>
        <message>
            <source>Look whether camera, graphics, engine and network are there</source>
            <translation>检查摄像头、图形、推理引擎和网络模型是否就绪</translation>
        </message>
        <message>
            <source>Make every text larger</source>
            <translation>放大所有文字</translation>
        </message>
        <message>
            <source>Make every text smaller</source>
            <translation>缩小所有文字</translation>
        </message>
        <message>
            <source>Mark this moment of the recording</source>
            <translation>标记录制的这一时刻</translation>
        </message>
        <message>
            <source>Measure the camera's field of view with a board</source>
            <translation>用标定板测量摄像头的视角</translation>
        </message>
        <message>
            <source>Measure the lens...</source>
            <translation>测量镜头...</translation>
        </message>
        <message>
            <source>Mirror</source>
            <translation>镜像</translation>
        </message>
        <message>
            <source>Names</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Normal text</source>
            <translation>正常文字</translation>
        </message>
        <message>
            <source>Normals</source>
            <translation>法线</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>后退一帧</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>前进一帧</translation>
        </message>
        <message>
            <source>Open address...</source>
            <translation>打开地址...</translation>
        </message>
        <message>
            <source>Open image folder...</source>
            <translation>打开图片文件夹...</translation>
        </message>
        <message>
            <source>Open recording...</source>
            <translation>打开录制...</translation>
        </message>
        <message>
            <source>Open video or image...</source>
            <translation>打开视频或图片...</translation>
        </message>
        <message>
            <source>Own skin</source>
            <translation>自身肤色</translation>
        </message>
        <message>
            <source>Pause recording</source>
            <translation>暂停录制</translation>
        </message>
        <message>
            <source>Pause, and show the frame before</source>
            <translation>暂停并显示上一帧</translation>
        </message>
        <message>
            <source>Pause, and show the next frame</source>
            <translation>暂停并显示下一帧</translation>
        </message>
        <message>
            <source>Play a recorded session</source>
            <translation>播放录制的会话</translation>
        </message>
        <message>
            <source>Play a stream (http, https, rtsp)</source>
            <translation>播放流（http、https、rtsp）</translation>
        </message>
        <message>
            <source>Play a video or show an image</source>
            <translation>播放视频或显示图片</translation>
        </message>
        <message>
            <source>Play everything</source>
            <translation>播放全部</translation>
        </message>
        <message>
            <source>Play from this moment on</source>
            <translation>从此刻开始播放</translation>
        </message>
        <message>
            <source>Play in a loop</source>
            <translation>循环播放</translation>
        </message>
        <message>
            <source>Play the clip that comes with the program</source>
            <translation>播放程序自带的片段</translation>
        </message>
        <message>
            <source>Play up to this moment</source>
            <translation>播放到此刻</translation>
        </message>
        <message>
            <source>Predicted light</source>
            <translation>预测光照</translation>
        </message>
        <message>
            <source>Put every panel back in its place</source>
            <translation>把所有面板放回原处</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message>
            <source>Record</source>
            <translation>录制</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>录制</translation>
        </message>
        <message>
            <source>Refresh cameras</source>
            <translation>刷新摄像头</translation>
        </message>
        <message>
            <source>Reset layout</source>
            <translation>重置布局</translation>
        </message>
        <message>
            <source>Save 3D view...</source>
            <translation>保存 3D 视图...</translation>
        </message>
        <message>
            <source>Save diagnostics...</source>
            <translation>保存诊断信息...</translation>
        </message>
        <message>
            <source>Save picture...</source>
            <translation>保存画面...</translation>
        </message>
        <message>
            <source>Save the 3D view as PNG</source>
            <translation>将 3D 视图保存为 PNG</translation>
        </message>
        <message>
            <source>Save the board...</source>
            <translation>保存标定板...</translation>
        </message>
        <message>
            <source>Save the live picture with its hands as PNG</source>
            <translation>将实时画面及其中的手保存为 PNG</translation>
        </message>
        <message>
            <source>Set marker</source>
            <translation>设置标记</translation>
        </message>
        <message>
            <source>Show skin under the light that was predicted; off: under the view's own light</source>
            <translation>在预测的光照下显示肤色；关闭：使用视图自身的光照</translation>
        </message>
        <message>
            <source>Show the picture as in a mirror; data and names stay as they are</source>
            <translation>像照镜子一样显示画面；数据和名称不变</translation>
        </message>
        <message>
            <source>Show what each key does, and change it</source>
            <translation>显示每个按键的作用并可更改</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>侧面</translation>
        </message>
        <message>
            <source>Skeleton</source>
            <translation>骨架</translation>
        </message>
        <message>
            <source>Smaller text</source>
            <translation>缩小文字</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>开始</translation>
        </message>
        <message>
            <source>Start or stop recording</source>
            <translation>开始或停止录制</translation>
        </message>
        <message>
            <source>Start or stop the source</source>
            <translation>启动或停止来源</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>停止</translation>
        </message>
        <message>
            <source>Surface</source>
            <translation>表面</translation>
        </message>
        <message>
            <source>Texts in Chinese</source>
            <translation>中文文字</translation>
        </message>
        <message>
            <source>Texts in English</source>
            <translation>英文文字</translation>
        </message>
        <message>
            <source>Texts in German</source>
            <translation>德文文字</translation>
        </message>
        <message>
            <source>The language of the desktop</source>
            <translation>桌面的语言</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>主题</translation>
        </message>
        <message>
            <source>Top</source>
            <translation>上方</translation>
        </message>
        <message>
            <source>Turn picture</source>
            <translation>旋转画面</translation>
        </message>
        <message>
            <source>Turn the source's pictures by a quarter to the right</source>
            <translation>将来源画面向右旋转四分之一圈</translation>
        </message>
        <message>
            <source>Version and licence</source>
            <translation>版本和许可证</translation>
        </message>
        <message>
            <source>View</source>
            <translation>视图</translation>
        </message>
        <message>
            <source>Wireframe</source>
            <translation>线框</translation>
        </message>
        <message>
            <source>Write a file for a bug report, without names, paths or pictures</source>
            <translation>写出用于错误报告的文件，不含姓名、路径或画面</translation>
        </message>
        <message>
            <source>Write side and number beside each hand</source>
            <translation>在每只手旁写上左右和编号</translation>
        </message>
        <message>
            <source>Write the board for measuring as PDF</source>
            <translation>将测量用的标定板写成 PDF</translation>
        </message>
        <message>
            <source>Write the recording anew: smoothed without lag, gaps filled</source>
            <translation>重新写入录制：无滞后平滑，填补空缺</translation>
        </message>
        <message>
            <source>Write the recording for Blender, Unity, Unreal, Maya, Python or as a video</source>
            <translation>将录制写成 Blender、Unity、Unreal、Maya、Python 可用的文件或视频</translation>
        </message>
        <message>
            <source>中文</source>
            <translation>中文</translation>
        </message>
    </context>
    <context>
        <name>Banner</name>
        <message>
            <source>Close notice</source>
            <translation>关闭提示</translation>
        </message>
        <message>
            <source>Copy details</source>
            <translation>复制详细信息</translation>
        </message>
        <message>
            <source>Notice</source>
            <translation>提示</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>重试</translation>
        </message>
    </context>
    <context>
        <name>BoardPreview</name>
        <message>
            <source>Picture with the board's corners</source>
            <translation>带有标定板角点的画面</translation>
        </message>
    </context>
    <context>
        <name>CalibrationController</name>
        <message>
            <source>Lens</source>
            <translation>镜头</translation>
        </message>
        <message>
            <source>PDF files (*.pdf)</source>
            <translation>PDF 文件 (*.pdf)</translation>
        </message>
        <message>
            <source>Save the board</source>
            <translation>保存标定板</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>已保存 {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>无法写入 {path}</translation>
        </message>
    </context>
    <context>
        <name>CalibrationDialog</name>
        <message>
            <source>Any size will do, on paper or on a tablet, as long as it is flat.</source>
            <translation>任何尺寸都可以，纸上或平板上，只要平整。</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>标定板</translation>
        </message>
        <message>
            <source>Chess board</source>
            <translation>棋盘格</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>放弃</translation>
        </message>
        <message>
            <source>Field of view {fov}°
Focal length {focal} px ± {sd} %
Reprojection error {error} px from {views} views</source>
            <translation>视角 {fov}°
焦距 {focal} px ± {sd} %
重投影误差 {error} px，取自 {views} 个视图</translation>
        </message>
        <message>
            <source>Good. Now elsewhere, or tilted another way.</source>
            <translation>很好。现在换个位置，或换个倾斜方向。</translation>
        </message>
        <message>
            <source>Hold it still for a moment.</source>
            <translation>请保持不动片刻。</translation>
        </message>
        <message>
            <source>Hold the board into the picture.</source>
            <translation>请把标定板放到画面中。</translation>
        </message>
        <message>
            <source>Inner corners</source>
            <translation>内角点</translation>
        </message>
        <message>
            <source>Inner corners across</source>
            <translation>横向内角点数</translation>
        </message>
        <message>
            <source>Inner corners down</source>
            <translation>纵向内角点数</translation>
        </message>
        <message>
            <source>Measure</source>
            <translation>测量</translation>
        </message>
        <message>
            <source>Measure the lens</source>
            <translation>测量镜头</translation>
        </message>
        <message>
            <source>Measuring ...</source>
            <translation>正在测量...</translation>
        </message>
        <message>
            <source>Save it to print...</source>
            <translation>保存以便打印...</translation>
        </message>
        <message>
            <source>Start over</source>
            <translation>重新开始</translation>
        </message>
        <message>
            <source>That is enough.</source>
            <translation>已经足够。</translation>
        </message>
        <message>
            <source>The corners fit badly: is the board flat, was it held still?</source>
            <translation>角点吻合不佳：标定板平整吗？是否保持不动？</translation>
        </message>
        <message>
            <source>The corners fit.</source>
            <translation>角点吻合。</translation>
        </message>
        <message>
            <source>The program's board</source>
            <translation>程序自带的标定板</translation>
        </message>
        <message>
            <source>This view is known: move it to a part that is not green yet.</source>
            <translation>此视图已有：请移到尚未变绿的部分。</translation>
        </message>
        <message>
            <source>Tilt it: turn one edge towards the camera.</source>
            <translation>请倾斜：把一条边转向摄像头。</translation>
        </message>
        <message>
            <source>Tilted views</source>
            <translation>倾斜的视图</translation>
        </message>
        <message>
            <source>Use it</source>
            <translation>采用</translation>
        </message>
        <message>
            <source>Views</source>
            <translation>视图</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>要做什么</translation>
        </message>
        <message>
            <source>{n} of {all} tilted</source>
            <translation>倾斜 {n} / {all}</translation>
        </message>
        <message>
            <source>{n} of {all} views</source>
            <translation>视图 {n} / {all}</translation>
        </message>
    </context>
    <context>
        <name>CameraController</name>
        <message>
            <source>Camera</source>
            <translation>摄像头</translation>
        </message>
    </context>
    <context>
        <name>CameraSettings</name>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>Automatic exposure</source>
            <translation>自动曝光</translation>
        </message>
        <message>
            <source>Driver</source>
            <translation>驱动</translation>
        </message>
        <message>
            <source>Exposure</source>
            <translation>曝光</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>帧率</translation>
        </message>
        <message>
            <source>Head down</source>
            <translation>上下颠倒</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>实测</translation>
        </message>
        <message>
            <source>Picture size</source>
            <translation>画面尺寸</translation>
        </message>
        <message>
            <source>Quarter turn left</source>
            <translation>向左四分之一圈</translation>
        </message>
        <message>
            <source>Quarter turn right</source>
            <translation>向右四分之一圈</translation>
        </message>
        <message>
            <source>Rate</source>
            <translation>帧率</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>尺寸</translation>
        </message>
        <message>
            <source>The camera mirrors its pictures: turn them back</source>
            <translation>摄像头的画面是镜像的：将其还原</translation>
        </message>
        <message>
            <source>The driver does not let the exposure be fixed.</source>
            <translation>驱动不允许固定曝光。</translation>
        </message>
        <message>
            <source>The driver gives another size than was asked for.</source>
            <translation>驱动给出的尺寸与请求的不同。</translation>
        </message>
        <message>
            <source>Turn</source>
            <translation>旋转</translation>
        </message>
        <message>
            <source>Turn the picture</source>
            <translation>旋转画面</translation>
        </message>
        <message>
            <source>Upright</source>
            <translation>正立</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>每秒 {rate}</translation>
        </message>
    </context>
    <context>
        <name>CameraView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>带有手的实时画面</translation>
        </message>
    </context>
    <context>
        <name>CleanController</name>
        <message>
            <source>Left</source>
            <translation>左</translation>
        </message>
        <message>
            <source>Reading the recording ...</source>
            <translation>正在读取录制 ...</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>右</translation>
        </message>
        <message>
            <source>{path}: {frames} frames</source>
            <translation>{path}：{frames} 帧</translation>
        </message>
    </context>
    <context>
        <name>CleanDialog</name>
        <message>
            <source> steps for each frame; slow</source>
            <translation> 步/帧；较慢</translation>
        </message>
        <message>
            <source>Clean</source>
            <translation>清理</translation>
        </message>
        <message>
            <source>Clean recording</source>
            <translation>清理录制</translation>
        </message>
        <message>
            <source>Distance, px</source>
            <translation>偏差，像素</translation>
        </message>
        <message>
            <source>Fill gaps up to</source>
            <translation>填补空缺，最长</translation>
        </message>
        <message>
            <source>Fit each hand to what was seen, before it is smoothed</source>
            <translation>平滑之前先将每只手拟合到看到的内容</translation>
        </message>
        <message>
            <source>Frames filled</source>
            <translation>填补的帧</translation>
        </message>
        <message>
            <source>Hand</source>
            <translation>手</translation>
        </message>
        <message>
            <source>Jitter, mm</source>
            <translation>抖动，毫米</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>其关节到关键点的平均距离</translation>
        </message>
        <message>
            <source>No</source>
            <translation>否</translation>
        </message>
        <message>
            <source>None</source>
            <translation>不填补</translation>
        </message>
        <message>
            <source>Open it</source>
            <translation>打开</translation>
        </message>
        <message>
            <source>Refine before</source>
            <translation>先精修</translation>
        </message>
        <message>
            <source>What each hand has gained</source>
            <translation>每只手的改进</translation>
        </message>
        <message>
            <source>Writes a new recording: smoothed forwards and backwards, so without lag; short gaps filled; one shape for each hand. The old one stays as it is.</source>
            <translation>写入一段新的录制：前后双向平滑，因此没有滞后；填补短空缺；每只手只用一种形状。原录制保持不变。</translation>
        </message>
    </context>
    <context>
        <name>CommandPalette</name>
        <message>
            <source>Commands</source>
            <translation>命令</translation>
        </message>
        <message>
            <source>Commands that fit</source>
            <translation>匹配的命令</translation>
        </message>
        <message>
            <source>Search commands</source>
            <translation>搜索命令</translation>
        </message>
        <message>
            <source>Type some letters of what you want to do</source>
            <translation>输入您想做的事的几个字母</translation>
        </message>
    </context>
    <context>
        <name>Controller</name>
        <message>
            <source>Everything else was kept.</source>
            <translation>其余内容均已保留。</translation>
        </message>
    </context>
    <context>
        <name>Destination</name>
        <message>
            <source>Choose ...</source>
            <translation>选择 ...</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>文件夹</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>结果文件夹</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>名称</translation>
        </message>
        <message>
            <source>Name of the result</source>
            <translation>结果名称</translation>
        </message>
    </context>
    <context>
        <name>Dialogs</name>
        <message>
            <source>About ManyHands</source>
            <translation>关于 ManyHands</translation>
        </message>
        <message>
            <source>Address of a video or stream (http, https, rtsp):</source>
            <translation>视频或流的地址（http、https、rtsp）：</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>所有文件 (*)</translation>
        </message>
        <message>
            <source>Folder of recordings</source>
            <translation>录制文件夹</translation>
        </message>
        <message>
            <source>Folder of the result</source>
            <translation>结果文件夹</translation>
        </message>
        <message>
            <source>Free software under the GNU General Public License, version 3 or later.</source>
            <translation>依据 GNU 通用公共许可证第 3 版或更新版本发布的自由软件。</translation>
        </message>
        <message>
            <source>One webcam in, live 3D hands out: any number of hands, full meshes, one forward pass.</source>
            <translation>输入一个摄像头，输出实时 3D 手：任意数量的手、完整网格、一次前向计算。</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>打开</translation>
        </message>
        <message>
            <source>Open address</source>
            <translation>打开地址</translation>
        </message>
        <message>
            <source>Open image folder</source>
            <translation>打开图片文件夹</translation>
        </message>
        <message>
            <source>Open recording (name.hands)</source>
            <translation>打开录制（名称.hands）</translation>
        </message>
        <message>
            <source>Open video or image</source>
            <translation>打开视频或图片</translation>
        </message>
        <message>
            <source>Videos and images ({endings})</source>
            <translation>视频和图片 ({endings})</translation>
        </message>
    </context>
    <context>
        <name>DockTitle</name>
        <message>
            <source>Float {panel}</source>
            <translation>浮动 {panel}</translation>
        </message>
        <message>
            <source>Own window, or back into its place</source>
            <translation>独立窗口，或放回原处</translation>
        </message>
    </context>
    <context>
        <name>DropTarget</name>
        <message>
            <source>Drop to open</source>
            <translation>松开即可打开</translation>
        </message>
    </context>
    <context>
        <name>EngineBuilder</name>
        <message>
            <source>the builder ended with {code}</source>
            <translation>构建程序以 {code} 结束</translation>
        </message>
    </context>
    <context>
        <name>EnginesController</name>
        <message>
            <source>Fast engine {percent} %</source>
            <translation>快速引擎 {percent} %</translation>
        </message>
        <message>
            <source>Only with an NVIDIA GPU: {reason}</source>
            <translation>仅适用于 NVIDIA GPU：{reason}</translation>
        </message>
        <message>
            <source>Open a source first: the engine is built for its shape.</source>
            <translation>请先打开一个来源：引擎按其画面比例构建。</translation>
        </message>
        <message>
            <source>The fast engine could not be built.</source>
            <translation>无法构建快速引擎。</translation>
        </message>
        <message>
            <source>The fast engine is built and takes over.</source>
            <translation>快速引擎已构建完成并开始接管。</translation>
        </message>
        <message>
            <source>What finds the hands has failed and was replaced: {failure}</source>
            <translation>寻找手的引擎出现故障，已被替换：{failure}</translation>
        </message>
        <message>
            <source>starting</source>
            <translation>正在开始</translation>
        </message>
    </context>
    <context>
        <name>Errors</name>
        <message>
            <source>A file of the model is damaged.</source>
            <translation>模型文件已损坏。</translation>
        </message>
        <message>
            <source>A file of the model is missing.</source>
            <translation>缺少模型文件。</translation>
        </message>
        <message>
            <source>A file of the model is not the one that was published.</source>
            <translation>模型文件与发布的不一致。</translation>
        </message>
        <message>
            <source>A package that writes this format is missing.</source>
            <translation>缺少写入该格式的软件包。</translation>
        </message>
        <message>
            <source>A setting is not known.</source>
            <translation>某个设置未知。</translation>
        </message>
        <message>
            <source>A value is not known, or does not go with the others.</source>
            <translation>某个值未知，或与其他值不相容。</translation>
        </message>
        <message>
            <source>A value is out of range, or nothing lies in the chosen part.</source>
            <translation>某个值超出范围，或所选部分为空。</translation>
        </message>
        <message>
            <source>Allow it in the system's privacy settings; on Linux join the group video.</source>
            <translation>请在系统隐私设置中允许；在 Linux 上请加入 video 组。</translation>
        </message>
        <message>
            <source>Another program has this port.</source>
            <translation>该端口已被其他程序占用。</translation>
        </message>
        <message>
            <source>Bring it back, or choose another folder.</source>
            <translation>请恢复它，或选择其他文件夹。</translation>
        </message>
        <message>
            <source>Build it anew: Source, Build the fast engine.</source>
            <translation>请在“来源”菜单中重新构建。</translation>
        </message>
        <message>
            <source>Check its name, or reset the settings.</source>
            <translation>请检查其名称，或重置设置。</translation>
        </message>
        <message>
            <source>Check its plug or the network, then try again.</source>
            <translation>请检查接头或网络，然后重试。</translation>
        </message>
        <message>
            <source>Check the address and the network.</source>
            <translation>请检查地址和网络。</translation>
        </message>
        <message>
            <source>Choose a folder that ManyHands has recorded.</source>
            <translation>请选择由 ManyHands 录制的文件夹。</translation>
        </message>
        <message>
            <source>Choose a folder that ends with .hands.</source>
            <translation>请选择以 .hands 结尾的文件夹。</translation>
        </message>
        <message>
            <source>Choose a folder with JPEG or PNG pictures.</source>
            <translation>请选择包含 JPEG 或 PNG 图片的文件夹。</translation>
        </message>
        <message>
            <source>Choose another engine, or install what it needs.</source>
            <translation>请选择其他引擎，或安装其所需组件。</translation>
        </message>
        <message>
            <source>Choose another engine, or restart the program.</source>
            <translation>请选择其他引擎，或重新启动程序。</translation>
        </message>
        <message>
            <source>Choose another mode of the camera, or another source.</source>
            <translation>请选择摄像头的其他模式或其他来源。</translation>
        </message>
        <message>
            <source>Choose another name or folder; replace what is there only if you mean it.</source>
            <translation>请选择其他名称或文件夹；仅在确有需要时才替换已有内容。</translation>
        </message>
        <message>
            <source>Choose another one.</source>
            <translation>请选择其他值。</translation>
        </message>
        <message>
            <source>Choose another port.</source>
            <translation>请选择其他端口。</translation>
        </message>
        <message>
            <source>Choose one that is there.</source>
            <translation>请选择存在的文件。</translation>
        </message>
        <message>
            <source>Choose what needs none.</source>
            <translation>请选择不需要画面的方式。</translation>
        </message>
        <message>
            <source>Close other programs, or choose the processor as engine.</source>
            <translation>请关闭其他程序，或选择用处理器计算。</translation>
        </message>
        <message>
            <source>Close the other program, then try again.</source>
            <translation>请关闭其他程序，然后重试。</translation>
        </message>
        <message>
            <source>Download it from its publisher again.</source>
            <translation>请从发布者处重新下载。</translation>
        </message>
        <message>
            <source>Free some space, or choose another disk.</source>
            <translation>请腾出空间，或选择其他磁盘。</translation>
        </message>
        <message>
            <source>Install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>请安装显卡驱动；Mesa 的驱动无需显卡。</translation>
        </message>
        <message>
            <source>Install it, or choose another format.</source>
            <translation>请安装它，或选择其他格式。</translation>
        </message>
        <message>
            <source>Install the program anew, or fetch the file again.</source>
            <translation>请重新安装程序，或重新获取该文件。</translation>
        </message>
        <message>
            <source>Install the program anew, or import the file.</source>
            <translation>请重新安装程序，或导入该文件。</translation>
        </message>
        <message>
            <source>Install the program anew.</source>
            <translation>请重新安装程序。</translation>
        </message>
        <message>
            <source>It cannot be written there.</source>
            <translation>无法写入该位置。</translation>
        </message>
        <message>
            <source>It is still being recorded.</source>
            <translation>仍在录制中。</translation>
        </message>
        <message>
            <source>ManyHands is open already.</source>
            <translation>ManyHands 已打开。</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>未找到摄像头。</translation>
        </message>
        <message>
            <source>No picture in the folder can be read.</source>
            <translation>文件夹中没有可读取的图片。</translation>
        </message>
        <message>
            <source>No window can open.</source>
            <translation>无法打开窗口。</translation>
        </message>
        <message>
            <source>Nothing can be sent there.</source>
            <translation>无法发送到该地址。</translation>
        </message>
        <message>
            <source>Nothing in the recording can be read.</source>
            <translation>录制中没有可读取的内容。</translation>
        </message>
        <message>
            <source>Open another file, or convert this one to MP4, JPEG or PNG.</source>
            <translation>请打开其他文件，或将其转换为 MP4、JPEG 或 PNG。</translation>
        </message>
        <message>
            <source>OpenGL cannot be used.</source>
            <translation>无法使用 OpenGL。</translation>
        </message>
        <message>
            <source>Plug a camera in, or open a video.</source>
            <translation>请连接摄像头，或打开一个视频。</translation>
        </message>
        <message>
            <source>Record without pictures, or onto another disk.</source>
            <translation>请不录画面，或录到其他磁盘。</translation>
        </message>
        <message>
            <source>Show the board again, at more angles and closer.</source>
            <translation>请再次展示标定板，角度更多、距离更近。</translation>
        </message>
        <message>
            <source>Start it on a desktop.</source>
            <translation>请在桌面环境中启动。</translation>
        </message>
        <message>
            <source>Stop the recording first.</source>
            <translation>请先停止录制。</translation>
        </message>
        <message>
            <source>The address cannot be reached.</source>
            <translation>无法访问该地址。</translation>
        </message>
        <message>
            <source>The address cannot be used.</source>
            <translation>地址不可用。</translation>
        </message>
        <message>
            <source>The camera is in use by another program.</source>
            <translation>摄像头正被其他程序使用。</translation>
        </message>
        <message>
            <source>The camera may not be used.</source>
            <translation>没有使用摄像头的权限。</translation>
        </message>
        <message>
            <source>The computation failed.</source>
            <translation>计算失败。</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>磁盘已满。</translation>
        </message>
        <message>
            <source>The disk is too slow.</source>
            <translation>磁盘太慢。</translation>
        </message>
        <message>
            <source>The fast engine was not built.</source>
            <translation>快速引擎未能构建。</translation>
        </message>
        <message>
            <source>The fast engine's file was refused.</source>
            <translation>已拒绝快速引擎的文件。</translation>
        </message>
        <message>
            <source>The file cannot be read.</source>
            <translation>无法读取该文件。</translation>
        </message>
        <message>
            <source>The file or folder is not there.</source>
            <translation>文件或文件夹不存在。</translation>
        </message>
        <message>
            <source>The folder has gone.</source>
            <translation>文件夹已不存在。</translation>
        </message>
        <message>
            <source>The lens could not be determined.</source>
            <translation>无法确定镜头参数。</translation>
        </message>
        <message>
            <source>The memory is full.</source>
            <translation>内存已满。</translation>
        </message>
        <message>
            <source>The model's file was refused: it might run code.</source>
            <translation>已拒绝该模型文件：它可能会执行代码。</translation>
        </message>
        <message>
            <source>The network's answers cannot be used.</source>
            <translation>网络输出不可用。</translation>
        </message>
        <message>
            <source>The pictures have a format that is not known.</source>
            <translation>画面格式不受支持。</translation>
        </message>
        <message>
            <source>The program works on without it; the log says more.</source>
            <translation>程序可在没有它的情况下继续工作；日志中有详情。</translation>
        </message>
        <message>
            <source>The recording has no pictures.</source>
            <translation>录制中没有画面。</translation>
        </message>
        <message>
            <source>The recording is not there.</source>
            <translation>录制不存在。</translation>
        </message>
        <message>
            <source>The recording is of a newer version.</source>
            <translation>录制来自更新的版本。</translation>
        </message>
        <message>
            <source>The source gives no pictures any more.</source>
            <translation>来源不再提供画面。</translation>
        </message>
        <message>
            <source>The source was lost.</source>
            <translation>来源已断开。</translation>
        </message>
        <message>
            <source>The weights are those of another network.</source>
            <translation>权重属于另一个网络。</translation>
        </message>
        <message>
            <source>The weights hold numbers that are none.</source>
            <translation>权重中含有无效数值。</translation>
        </message>
        <message>
            <source>This engine is not available here.</source>
            <translation>此处无法使用该推理引擎。</translation>
        </message>
        <message>
            <source>This is no recording.</source>
            <translation>这不是录制。</translation>
        </message>
        <message>
            <source>Try `manyhands recover`, or open another recording.</source>
            <translation>请尝试 `manyhands recover`，或打开其他录制。</translation>
        </message>
        <message>
            <source>Try again; if it fails again, choose another engine.</source>
            <translation>请重试；若仍失败，请选择其他引擎。</translation>
        </message>
        <message>
            <source>Unplug the camera and plug it in again, or choose another source.</source>
            <translation>请重新插拔摄像头，或选择其他来源。</translation>
        </message>
        <message>
            <source>Update ManyHands.</source>
            <translation>请更新 ManyHands。</translation>
        </message>
        <message>
            <source>Use its window, or start another one with `manyhands --multi`.</source>
            <translation>请使用已有窗口，或用 `manyhands --multi` 再启动一个。</translation>
        </message>
        <message>
            <source>Use the weights that came with the program.</source>
            <translation>请使用程序自带的权重。</translation>
        </message>
        <message>
            <source>Write HOST:PORT, such as 127.0.0.1:9000.</source>
            <translation>请填写 主机:端口，例如 127.0.0.1:9000。</translation>
        </message>
    </context>
    <context>
        <name>ExportController</name>
        <message>
            <source>Reading the recording ...</source>
            <translation>正在读取录制 ...</translation>
        </message>
        <message>
            <source>no hands</source>
            <translation>没有手</translation>
        </message>
        <message>
            <source>{path}: {frames} frames, {hands}</source>
            <translation>{path}：{frames} 帧，{hands}</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source> per second</source>
            <translation> 每秒</translation>
        </message>
        <message>
            <source>All ({count})</source>
            <translation>全部（{count}）</translation>
        </message>
        <message>
            <source>Any 3D program; a folder, or a file for one frame.</source>
            <translation>任何 3D 程序；一个文件夹，单帧时为一个文件。</translation>
        </message>
        <message>
            <source>As measured, unsmoothed</source>
            <translation>测量值，未平滑</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>与录制相同</translation>
        </message>
        <message>
            <source>As shown, smoothed</source>
            <translation>显示值，已平滑</translation>
        </message>
        <message>
            <source>Axes</source>
            <translation>坐标轴</translation>
        </message>
        <message>
            <source>BVH: skeleton motion</source>
            <translation>BVH：骨架动作</translation>
        </message>
        <message>
            <source>Between the marks ({time})</source>
            <translation>标记之间（{time}）</translation>
        </message>
        <message>
            <source>Blender, Unity, Unreal, Godot, web pages.</source>
            <translation>Blender、Unity、Unreal、Godot、网页。</translation>
        </message>
        <message>
            <source>Blender: z up, m</source>
            <translation>Blender：z 向上，米</translation>
        </message>
        <message>
            <source>CSV: table</source>
            <translation>CSV：表格</translation>
        </message>
        <message>
            <source>Camera: x right, y down, z forward, m</source>
            <translation>摄像头：x 向右，y 向下，z 向前，米</translation>
        </message>
        <message>
            <source>Everything ({time})</source>
            <translation>全部（{time}）</translation>
        </message>
        <message>
            <source>Exact surface (morph targets; a larger file)</source>
            <translation>精确表面（变形目标；文件更大）</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>导出</translation>
        </message>
        <message>
            <source>Export recording</source>
            <translation>导出录制</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>格式</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>每秒帧数</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>手</translation>
        </message>
        <message>
            <source>JSON: numbers with names</source>
            <translation>JSON：带名称的数值</translation>
        </message>
        <message>
            <source>MANO parameters (.npz)</source>
            <translation>MANO 参数（.npz）</translation>
        </message>
        <message>
            <source>Maya, MotionBuilder, Blender; one file for each hand.</source>
            <translation>Maya、MotionBuilder、Blender；每只手一个文件。</translation>
        </message>
        <message>
            <source>Maya: y up, cm</source>
            <translation>Maya：y 向上，厘米</translation>
        </message>
        <message>
            <source>MeshLab; a folder, or a file for one frame.</source>
            <translation>MeshLab；一个文件夹，单帧时为一个文件。</translation>
        </message>
        <message>
            <source>Needs the model: `manyhands mano import FILE`.</source>
            <translation>需要该模型：`manyhands mano import 文件`。</translation>
        </message>
        <message>
            <source>NumPy (.npz): arrays</source>
            <translation>NumPy（.npz）：数组</translation>
        </message>
        <message>
            <source>OBJ: a mesh for each frame</source>
            <translation>OBJ：每帧一个网格</translation>
        </message>
        <message>
            <source>Omniverse, Houdini, Maya.</source>
            <translation>Omniverse、Houdini、Maya。</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>PLY: a coloured mesh for each frame</source>
            <translation>PLY：每帧一个彩色网格</translation>
        </message>
        <message>
            <source>Part</source>
            <translation>部分</translation>
        </message>
        <message>
            <source>Python: poses, shapes, joints and confidences.</source>
            <translation>Python：姿态、形状、关节和置信度。</translation>
        </message>
        <message>
            <source>Replace what has this name</source>
            <translation>替换同名文件</translation>
        </message>
        <message>
            <source>Scene: y up, z to the viewer, m</source>
            <translation>场景：y 向上，z 朝向观察者，米</translation>
        </message>
        <message>
            <source>Scripts and web pages.</source>
            <translation>脚本和网页。</translation>
        </message>
        <message>
            <source>Spreadsheets, R, MATLAB: a row for each hand.</source>
            <translation>电子表格、R、MATLAB：每只手一行。</translation>
        </message>
        <message>
            <source>To look at; needs a recording with pictures.</source>
            <translation>供观看；需要带画面的录制。</translation>
        </message>
        <message>
            <source>USD: animated mesh</source>
            <translation>USD：动画网格</translation>
        </message>
        <message>
            <source>Unity: y up, m</source>
            <translation>Unity：y 向上，米</translation>
        </message>
        <message>
            <source>Unreal: z up, cm</source>
            <translation>Unreal：z 向上，厘米</translation>
        </message>
        <message>
            <source>Values</source>
            <translation>数值</translation>
        </message>
        <message>
            <source>Video (.mp4) with the hands drawn</source>
            <translation>绘有手的视频（.mp4）</translation>
        </message>
        <message>
            <source>glTF (.glb): animated mesh</source>
            <translation>glTF（.glb）：动画网格</translation>
        </message>
        <message>
            <source>{axes} (usual)</source>
            <translation>{axes}（默认）</translation>
        </message>
        <message>
            <source>{hand} alone ({frames} frames)</source>
            <translation>仅 {hand}（{frames} 帧）</translation>
        </message>
    </context>
    <context>
        <name>FaultController</name>
        <message>
            <source>--software-gl has no effect: {renderer} draws.</source>
            <translation>--software-gl 未生效：由 {renderer} 绘制。</translation>
        </message>
        <message>
            <source>Camera lost: {cause}</source>
            <translation>摄像头丢失：{cause}</translation>
        </message>
        <message>
            <source>Install Mesa's software driver (Debian, Ubuntu: libgl1-mesa-dri), or start with --safe-mode.</source>
            <translation>请安装 Mesa 的软件驱动（Debian、Ubuntu：libgl1-mesa-dri），或用 --safe-mode 启动。</translation>
        </message>
        <message>
            <source>It is opened again as soon as it is back; or choose another source.</source>
            <translation>一旦恢复就会重新打开；也可以选择其他来源。</translation>
        </message>
        <message>
            <source>Nothing that you change is kept. Start without --safe-mode to return.</source>
            <translation>您的更改不会被保存。不带 --safe-mode 启动即可恢复。</translation>
        </message>
        <message>
            <source>OpenGL cannot be used: {reason}</source>
            <translation>无法使用 OpenGL：{reason}</translation>
        </message>
        <message>
            <source>OpenGL has failed: {reason}</source>
            <translation>OpenGL 出现故障：{reason}</translation>
        </message>
        <message>
            <source>Safe mode: default settings, no OpenGL.</source>
            <translation>安全模式：默认设置，不使用 OpenGL。</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Restart to try again; if it happens again, start with --software-gl or use another graphics driver.</source>
            <translation>画面将不用 OpenGL 绘制，且没有 3D 视图。重新启动可再试；若再次发生，请用 --software-gl 启动或换用其他显卡驱动。</translation>
        </message>
        <message>
            <source>The picture is drawn without it, and there is no 3D view. Start with --software-gl, or install a graphics driver; Mesa's needs no graphics card.</source>
            <translation>画面将不用 OpenGL 绘制，且没有 3D 视图。请用 --software-gl 启动，或安装显卡驱动；Mesa 的驱动无需显卡。</translation>
        </message>
        <message>
            <source>The program goes on. If it happens again, send us the details.</source>
            <translation>程序会继续运行。如果再次发生，请把详细信息发给我们。</translation>
        </message>
        <message>
            <source>The program works on with defaults.</source>
            <translation>程序将使用默认值继续运行。</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>立即重试</translation>
        </message>
    </context>
    <context>
        <name>Fingers</name>
        <message>
            <source>Index</source>
            <translation>食指</translation>
        </message>
        <message>
            <source>Little</source>
            <translation>小指</translation>
        </message>
        <message>
            <source>Middle</source>
            <translation>中指</translation>
        </message>
        <message>
            <source>Ring</source>
            <translation>无名指</translation>
        </message>
        <message>
            <source>Thumb</source>
            <translation>拇指</translation>
        </message>
    </context>
    <context>
        <name>FlexionPlot</name>
        <message>
            <source>Flexion of each finger</source>
            <translation>每根手指的弯曲</translation>
        </message>
    </context>
    <context>
        <name>HandCard</name>
        <message>
            <source>predicted</source>
            <translation>预测</translation>
        </message>
        <message>
            <source>shape learning {percent:.0f} %</source>
            <translation>学习形状 {percent:.0f} %</translation>
        </message>
        <message>
            <source>shape locked</source>
            <translation>形状已锁定</translation>
        </message>
        <message>
            <source>{cm:.0f} cm</source>
            <translation>{cm:.0f} 厘米</translation>
        </message>
        <message>
            <source>{cm:.0f} ± {off:.0f} cm</source>
            <translation>{cm:.0f} ± {off:.0f} 厘米</translation>
        </message>
        <message>
            <source>{percent:.0f} % sure</source>
            <translation>置信度 {percent:.0f} %</translation>
        </message>
    </context>
    <context>
        <name>Hands</name>
        <message>
            <source>Left</source>
            <translation>左</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>右</translation>
        </message>
    </context>
    <context>
        <name>HandsPanel</name>
        <message>
            <source>No hands in the picture.</source>
            <translation>画面中没有手。</translation>
        </message>
    </context>
    <context>
        <name>HealthController</name>
        <message>
            <source>Health</source>
            <translation>健康状况</translation>
        </message>
    </context>
    <context>
        <name>HealthPanel</name>
        <message>
            <source>Brightness</source>
            <translation>亮度</translation>
        </message>
        <message>
            <source>Frame rate</source>
            <translation>帧率</translation>
        </message>
        <message>
            <source>Hands cannot be tracked</source>
            <translation>无法跟踪手</translation>
        </message>
        <message>
            <source>No camera is watched</source>
            <translation>没有监视摄像头</translation>
        </message>
        <message>
            <source>Of moving hands, against the same hands at rest</source>
            <translation>运动的手与静止时相比</translation>
        </message>
        <message>
            <source>Sharpness</source>
            <translation>清晰度</translation>
        </message>
        <message>
            <source>So far: {list}</source>
            <translation>到目前为止：{list}</translation>
        </message>
        <message>
            <source>The camera is fine</source>
            <translation>摄像头正常</translation>
        </message>
        <message>
            <source>Tracking could be better</source>
            <translation>跟踪还可以更好</translation>
        </message>
        <message>
            <source>hands at rest</source>
            <translation>手处于静止</translation>
        </message>
        <message>
            <source>{measured} of {wanted} fps</source>
            <translation>{measured} / {wanted} fps</translation>
        </message>
        <message>
            <source>{rate} fps</source>
            <translation>{rate} fps</translation>
        </message>
    </context>
    <context>
        <name>HelpController</name>
        <message>
            <source>It holds no names, paths or pictures. Look into it before you send it.</source>
            <translation>其中不含姓名、路径或画面。发送前请先查看内容。</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>正在检查这台电脑...</translation>
        </message>
        <message>
            <source>Save diagnostics</source>
            <translation>保存诊断信息</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>已保存 {path}</translation>
        </message>
        <message>
            <source>The language changes at the next start.</source>
            <translation>语言将在下次启动时更改。</translation>
        </message>
        <message>
            <source>Zip files (*.zip)</source>
            <translation>Zip 文件 (*.zip)</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>A notice over the picture says what happened and what to do. Help, Check this computer looks for what is missing; Help, Save diagnostics writes a file for a bug report without names, paths or pictures. The log is {path}.</source>
            <translation>画面上方的提示会说明发生了什么以及该怎么做。“帮助 - 检查这台电脑”会找出缺少的东西；“帮助 - 保存诊断信息”会写出一个用于错误报告的文件，其中不含姓名、路径或画面。日志位于 {path}。</translation>
        </message>
        <message>
            <source>Choose what to look at</source>
            <translation>选择要查看的内容</translation>
        </message>
        <message>
            <source>Drag in the 3D view to turn it, with Shift or the right button to move it, and use the wheel to come closer. The buttons of its title look from the front, the side and above. Panels can be dragged elsewhere by their titles; Reset layout puts them back.</source>
            <translation>在 3D 视图中拖动可旋转，按住 Shift 或用右键拖动可平移，滚轮可拉近。标题栏上的按钮可从正面、侧面和上方观看。拖动面板标题可移动面板；“重置布局”会把它们放回原处。</translation>
        </message>
        <message>
            <source>Each hand has its colour, its side and its number. The bar at the top switches surface, skeleton and names, and the slider lets the picture shine through. Mirror changes only what you see: a left hand stays a left hand.</source>
            <translation>每只手都有自己的颜色、左右和编号。顶部工具栏可开关表面、骨架和名称，滑块可让画面透出来。镜像只改变您看到的画面：左手仍然是左手。</translation>
        </message>
        <message>
            <source>First steps</source>
            <translation>入门</translation>
        </message>
        <message>
            <source>Give the hands light, and keep them within two metres. The latency panel shows where the time goes; the status bar names the engine, and its tip why no faster one runs.</source>
            <translation>请给手足够的光线，并保持在两米以内。延迟面板显示时间花在哪里；状态栏标明推理引擎，其提示说明为何没有使用更快的引擎。</translation>
        </message>
        <message>
            <source>Hands in space</source>
            <translation>空间中的手</translation>
        </message>
        <message>
            <source>Hands on the picture</source>
            <translation>画面上的手</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>帮助</translation>
        </message>
        <message>
            <source>Keyboard</source>
            <translation>键盘</translation>
        </message>
        <message>
            <source>The list at the top left holds your cameras and the demo clip; the folder beside it opens a video, a folder of images or an address. A file can also be dropped onto the window. The bar below names the real picture size and rate.</source>
            <translation>左上角的列表中有您的摄像头和演示片段；旁边的文件夹按钮可打开视频、图片文件夹或地址。也可以把文件拖到窗口上。底部的状态栏显示实际的画面尺寸和帧率。</translation>
        </message>
        <message>
            <source>When it is slow or shaky</source>
            <translation>当它缓慢或抖动时</translation>
        </message>
        <message>
            <source>When something fails</source>
            <translation>当出现故障时</translation>
        </message>
    </context>
    <context>
        <name>JobBar</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Cancelled: nothing was written.</source>
            <translation>已取消：没有写入任何内容。</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>进度</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
    </context>
    <context>
        <name>KeysController</name>
        <message>
            <source>Panel</source>
            <translation>面板</translation>
        </message>
    </context>
    <context>
        <name>LensPanel</name>
        <message>
            <source>As you typed it.</source>
            <translation>按您的输入。</translation>
        </message>
        <message>
            <source>Assumed: most webcams have 55 to 90 degrees.</source>
            <translation>假定值：大多数摄像头为 55 到 90 度。</translation>
        </message>
        <message>
            <source>Board</source>
            <translation>标定板</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>选择型号</translation>
        </message>
        <message>
            <source>Distance</source>
            <translation>距离</translation>
        </message>
        <message>
            <source>Field of view</source>
            <translation>视角</translation>
        </message>
        <message>
            <source>Field of view {fov}°, focal length ± {sd} %</source>
            <translation>视角 {fov}°，焦距 ± {sd} %</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>忘记</translation>
        </message>
        <message>
            <source>From the data sheet of this model.</source>
            <translation>取自该型号的数据表。</translation>
        </message>
        <message>
            <source>Known webcam</source>
            <translation>已知的摄像头</translation>
        </message>
        <message>
            <source>Length of your hand</source>
            <translation>您的手长</translation>
        </message>
        <message>
            <source>Measured with a board, reprojection error {error} px.</source>
            <translation>用标定板测得，重投影误差 {error} px。</translation>
        </message>
        <message>
            <source>Typed</source>
            <translation>输入</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>使用</translation>
        </message>
        <message>
            <source>Webcam</source>
            <translation>摄像头</translation>
        </message>
        <message>
            <source>What the field of view spans</source>
            <translation>视角所指的方向</translation>
        </message>
        <message>
            <source>Your hand</source>
            <translation>您的手</translation>
        </message>
        <message>
            <source>diagonal</source>
            <translation>对角线</translation>
        </message>
        <message>
            <source>from the crease of the wrist to the tip of the middle finger</source>
            <translation>从手腕横纹到中指指尖</translation>
        </message>
        <message>
            <source>horizontal</source>
            <translation>水平</translation>
        </message>
        <message>
            <source>not measured</source>
            <translation>未测量</translation>
        </message>
        <message>
            <source>vertical</source>
            <translation>垂直</translation>
        </message>
    </context>
    <context>
        <name>LiveController</name>
        <message>
            <source>Hands</source>
            <translation>手</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>3D view</source>
            <translation>3D 视图</translation>
        </message>
        <message>
            <source>Latency</source>
            <translation>延迟</translation>
        </message>
        <message>
            <source>The 3D view needs OpenGL,
which is missing here.</source>
            <translation>3D 视图需要 OpenGL，
而此处没有。</translation>
        </message>
    </context>
    <context>
        <name>NumbersController</name>
        <message>
            <source>Numbers</source>
            <translation>数据</translation>
        </message>
    </context>
    <context>
        <name>NumbersPanel</name>
        <message>
            <source>Captured</source>
            <translation>采集</translation>
        </message>
        <message>
            <source>Delay</source>
            <translation>延迟</translation>
        </message>
        <message>
            <source>Drawn</source>
            <translation>绘制</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>丢弃</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>推理引擎</translation>
        </message>
        <message>
            <source>From reading a picture to drawing it with its hands</source>
            <translation>从读取画面到绘出画面及其中的手</translation>
        </message>
        <message>
            <source>Graphics card</source>
            <translation>显卡</translation>
        </message>
        <message>
            <source>Hands that were left out, for their numbers were impossible</source>
            <translation>因数值不可能而被舍弃的手</translation>
        </message>
        <message>
            <source>How busy it is, and its memory</source>
            <translation>其负载和显存</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>Of the network's numbers</source>
            <translation>网络数值的精度</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free</source>
            <translation>在网络空闲之前被更新画面取代的画面</translation>
        </message>
        <message>
            <source>Pictures that go through the network</source>
            <translation>经过网络的画面</translation>
        </message>
        <message>
            <source>Pictures that reach the screen</source>
            <translation>到达屏幕的画面</translation>
        </message>
        <message>
            <source>Pictures that the source gives</source>
            <translation>来源提供的画面</translation>
        </message>
        <message>
            <source>Precision</source>
            <translation>精度</translation>
        </message>
        <message>
            <source>Processed</source>
            <translation>处理</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>处理器</translation>
        </message>
        <message>
            <source>Rejected hands</source>
            <translation>舍弃的手</translation>
        </message>
        <message>
            <source>Share of all cores: this program, and everything that runs</source>
            <translation>占全部核心的比例：本程序以及所有运行的程序</translation>
        </message>
        <message>
            <source>That this program holds</source>
            <translation>本程序占用的内存</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>运行网络的引擎</translation>
        </message>
        <message>
            <source>no GPU</source>
            <translation>无 GPU</translation>
        </message>
        <message>
            <source>{dropped} of {captured} ({share:.1f} %)</source>
            <translation>{dropped} / {captured}（{share:.1f} %）</translation>
        </message>
        <message>
            <source>{mib:.0f} MiB</source>
            <translation>{mib:.0f} MiB</translation>
        </message>
        <message>
            <source>{name}, {percent:.0f} %, {used:.0f} of {total:.0f} MiB</source>
            <translation>{name}，{percent:.0f} %，{used:.0f} / {total:.0f} MiB</translation>
        </message>
        <message>
            <source>{own:.0f} % of {cores} cores, {all:.0f} % with everything else</source>
            <translation>{cores} 个核心的 {own:.0f} %，连同其他程序共 {all:.0f} %</translation>
        </message>
        <message>
            <source>{p50:.0f} ms median, {p95:.0f} ms at the 95th percentile</source>
            <translation>中位数 {p50:.0f} 毫秒，95 百分位 {p95:.0f} 毫秒</translation>
        </message>
        <message>
            <source>{rate:.1f} per second</source>
            <translation>每秒 {rate:.1f}</translation>
        </message>
    </context>
    <context>
        <name>OpacitySlider</name>
        <message>
            <source>Opacity of the surface</source>
            <translation>表面的不透明度</translation>
        </message>
        <message>
            <source>Opacity of the surface on the picture</source>
            <translation>画面上表面的不透明度</translation>
        </message>
    </context>
    <context>
        <name>PictureView</name>
        <message>
            <source>Live picture with hands</source>
            <translation>带有手的实时画面</translation>
        </message>
    </context>
    <context>
        <name>Pictures</name>
        <message>
            <source>Check the folder's permissions.</source>
            <translation>请检查文件夹的权限。</translation>
        </message>
        <message>
            <source>Saved {path}</source>
            <translation>已保存 {path}</translation>
        </message>
        <message>
            <source>{path} cannot be written</source>
            <translation>{path} 无法写入</translation>
        </message>
    </context>
    <context>
        <name>PlotView</name>
        <message>
            <source>Latency of each step</source>
            <translation>每一步的延迟</translation>
        </message>
        <message>
            <source>decode</source>
            <translation>解码</translation>
        </message>
        <message>
            <source>draw</source>
            <translation>绘制</translation>
        </message>
        <message>
            <source>median     {p95} ms at the 95th percentile</source>
            <translation>中位数     95 百分位 {p95} 毫秒</translation>
        </message>
        <message>
            <source>network</source>
            <translation>网络</translation>
        </message>
        <message>
            <source>no frames yet</source>
            <translation>还没有画面</translation>
        </message>
        <message>
            <source>resize</source>
            <translation>缩放</translation>
        </message>
        <message>
            <source>smooth</source>
            <translation>平滑</translation>
        </message>
        <message>
            <source>track</source>
            <translation>跟踪</translation>
        </message>
        <message>
            <source>{step}: {p50} ms in the median, {p95} ms at the 95th percentile</source>
            <translation>{step}：中位数 {p50} 毫秒，95 百分位 {p95} 毫秒</translation>
        </message>
    </context>
    <context>
        <name>RecentMenu</name>
        <message>
            <source>Forget these</source>
            <translation>清除记录</translation>
        </message>
        <message>
            <source>Open recent</source>
            <translation>最近打开</translation>
        </message>
    </context>
    <context>
        <name>RecordPanel</name>
        <message>
            <source>Choose the folder of recordings</source>
            <translation>选择录制文件夹</translation>
        </message>
        <message>
            <source>Choose where recordings go</source>
            <translation>选择录制的保存位置</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>丢弃</translation>
        </message>
        <message>
            <source>End by itself</source>
            <translation>自动结束</translation>
        </message>
        <message>
            <source>Every picture</source>
            <translation>每一幅画面</translation>
        </message>
        <message>
            <source>Markers</source>
            <translation>标记</translation>
        </message>
        <message>
            <source>Never</source>
            <translation>从不</translation>
        </message>
        <message>
            <source>None</source>
            <translation>无</translation>
        </message>
        <message>
            <source>Off: hands alone, a twentieth of the size</source>
            <translation>关闭：只录手，大小约为二十分之一</translation>
        </message>
        <message>
            <source>Pictures that the network was too slow for, too; they show no hands</source>
            <translation>也包括网络来不及处理的画面；其中没有手</translation>
        </message>
        <message>
            <source>Pictures, too</source>
            <translation>同时录制画面</translation>
        </message>
        <message>
            <source>Record what happened before the button was pressed, too</source>
            <translation>同时录制按下按钮之前的内容</translation>
        </message>
        <message>
            <source>Recorded time</source>
            <translation>已录制时间</translation>
        </message>
        <message>
            <source>Room left</source>
            <translation>剩余空间</translation>
        </message>
        <message>
            <source>Seconds before</source>
            <translation>之前的秒数</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>尺寸</translation>
        </message>
        <message>
            <source>{hands} hands came after their picture had been recorded</source>
            <translation>{hands} 只手在其画面录下之后才得出</translation>
        </message>
        <message>
            <source>{pictures} frames have no picture, {frames} were lost</source>
            <translation>{pictures} 帧没有画面，丢失 {frames} 帧</translation>
        </message>
    </context>
    <context>
        <name>RecordingController</name>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Marker {number}</source>
            <translation>标记 {number}</translation>
        </message>
        <message>
            <source>Nothing was recorded: no picture came.</source>
            <translation>没有录到任何内容：没有收到画面。</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>录制</translation>
        </message>
        <message>
            <source>Saving ...</source>
            <translation>正在保存...</translation>
        </message>
        <message>
            <source>Start a source, then record.</source>
            <translation>请先启动信号源，再开始录制。</translation>
        </message>
        <message>
            <source>The last seconds were saved: {path}</source>
            <translation>最后几秒已保存：{path}</translation>
        </message>
        <message>
            <source>{name} was saved: {time}, {size}</source>
            <translation>已保存 {name}：{time}，{size}</translation>
        </message>
    </context>
    <context>
        <name>RecordingDialogs</name>
        <message>
            <source>A recording was cut off when the program ended last.</source>
            <translation>上次程序结束时有一段录制被中断。</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>放弃</translation>
        </message>
        <message>
            <source>Keep recording</source>
            <translation>继续录制</translation>
        </message>
        <message>
            <source>Later</source>
            <translation>以后</translation>
        </message>
        <message>
            <source>Recover</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Stop &amp;&amp; save</source>
            <translation>停止并保存</translation>
        </message>
        <message>
            <source>Stop it and close the window?</source>
            <translation>停止录制并关闭窗口？</translation>
        </message>
        <message>
            <source>{name} is being recorded.</source>
            <translation>正在录制 {name}。</translation>
        </message>
    </context>
    <context>
        <name>RecoveryController</name>
        <message>
            <source>{names} was recovered.</source>
            <translation>已恢复 {names}。</translation>
        </message>
        <message>
            <source>{name}, about {time}</source>
            <translation>{name}，约 {time}</translation>
        </message>
    </context>
    <context>
        <name>RefineController</name>
        <message>
            <source>Left</source>
            <translation>左</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>右</translation>
        </message>
        <message>
            <source>Show one to the camera and try again.</source>
            <translation>请向摄像头展示一只手后重试。</translation>
        </message>
        <message>
            <source>There is no hand in this picture to refine.</source>
            <translation>此画面中没有可精修的手。</translation>
        </message>
        <message>
            <source>{name}, picture {index}</source>
            <translation>{name}，第 {index} 幅</translation>
        </message>
    </context>
    <context>
        <name>RefineDialog</name>
        <message>
            <source>&lt;b&gt;{title}&lt;/b&gt; &amp;nbsp; {before:.1f} px → {after:.1f} px</source>
            <translation>&lt;b&gt;{title}&lt;/b&gt; &amp;nbsp; {before:.1f} px → {after:.1f} px</translation>
        </message>
        <message>
            <source>After</source>
            <translation>之后</translation>
        </message>
        <message>
            <source>After: fitted to its keypoints</source>
            <translation>之后：已拟合到关键点</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>之前</translation>
        </message>
        <message>
            <source>Before: as the network saw it</source>
            <translation>之前：网络所见</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Done, {ms:.0f} ms a step</source>
            <translation>完成，每步 {ms:.0f} 毫秒</translation>
        </message>
        <message>
            <source>Freeze and refine</source>
            <translation>定格并精修</translation>
        </message>
        <message>
            <source>Loading torch ...</source>
            <translation>正在加载 torch...</translation>
        </message>
        <message>
            <source>Mean distance of its joints from the keypoints</source>
            <translation>其关节到关键点的平均距离</translation>
        </message>
        <message>
            <source>Save picture</source>
            <translation>保存画面</translation>
        </message>
        <message>
            <source>Starting ...</source>
            <translation>正在启动...</translation>
        </message>
        <message>
            <source>Step {step} of at most {steps}</source>
            <translation>第 {step} 步，最多 {steps} 步</translation>
        </message>
        <message>
            <source>Steps taken</source>
            <translation>已执行步数</translation>
        </message>
    </context>
    <context>
        <name>ReplayController</name>
        <message>
            <source>Replay</source>
            <translation>回放</translation>
        </message>
        <message>
            <source>no hand in both</source>
            <translation>没有共同的手</translation>
        </message>
        <message>
            <source>{apart} mm apart, {shape} mm in shape</source>
            <translation>相距 {apart} mm，形状相差 {shape} mm</translation>
        </message>
    </context>
    <context>
        <name>ReplayPanel</name>
        <message>
            <source>As measured</source>
            <translation>原始测量</translation>
        </message>
        <message>
            <source>As recorded</source>
            <translation>录制时的样子</translation>
        </message>
        <message>
            <source>Hands as they were shown, unsmoothed, or smoothed anew</source>
            <translation>手部：录制时显示的、未平滑的或重新平滑的</translation>
        </message>
        <message>
            <source>How much later the other recording is shown</source>
            <translation>另一段录制延后显示的时间</translation>
        </message>
        <message>
            <source>Lay the other recording's motion on this one's</source>
            <translation>将另一段录制的动作与此对齐</translation>
        </message>
        <message>
            <source>Show the hands of another recording beside these</source>
            <translation>同时显示另一段录制的手</translation>
        </message>
        <message>
            <source>Smoothed anew</source>
            <translation>重新平滑</translation>
        </message>
        <message>
            <source>Smoothing: steady to quick</source>
            <translation>平滑：平稳到灵敏</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>速度</translation>
        </message>
        <message>
            <source>Speed of playing</source>
            <translation>播放速度</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>平稳到灵敏</translation>
        </message>
        <message>
            <source>Take the other recording away</source>
            <translation>移除另一段录制</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Which hands</source>
            <translation>显示哪种手</translation>
        </message>
    </context>
    <context>
        <name>SceneView</name>
        <message>
            <source>3D view of the hands</source>
            <translation>手部 3D 视图</translation>
        </message>
        <message>
            <source>Drag to orbit, drag with the right button to pan, wheel to zoom</source>
            <translation>拖动旋转，右键拖动平移，滚轮缩放</translation>
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Engine: {name}</source>
            <translation>推理引擎：{name}</translation>
        </message>
        <message>
            <source>Faster engines that were not taken:</source>
            <translation>未采用的更快的引擎：</translation>
        </message>
        <message>
            <source>Source: {name}, {mode}</source>
            <translation>来源：{name}，{mode}</translation>
        </message>
        <message>
            <source>Why nothing faster:</source>
            <translation>为何没有更快的：</translation>
        </message>
        <message>
            <source>{size} at {rate} per second</source>
            <translation>{size}，每秒 {rate}</translation>
        </message>
    </context>
    <context>
        <name>ShortcutEditor</name>
        <message>
            <source>Action</source>
            <translation>操作</translation>
        </message>
        <message>
            <source>Actions and their keys</source>
            <translation>操作及其按键</translation>
        </message>
        <message>
            <source>Click here, then press the new key</source>
            <translation>点击此处，然后按下新按键</translation>
        </message>
        <message>
            <source>Give the marked action its first key again</source>
            <translation>将所选操作恢复为最初的按键</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>按键</translation>
        </message>
        <message>
            <source>Mark an action, then give it a new key.</source>
            <translation>先选择一个操作，再为它指定新按键。</translation>
        </message>
        <message>
            <source>New key of the marked action</source>
            <translation>所选操作的新按键</translation>
        </message>
        <message>
            <source>New key:</source>
            <translation>新按键：</translation>
        </message>
        <message>
            <source>No key</source>
            <translation>无按键</translation>
        </message>
        <message>
            <source>Reset</source>
            <translation>重置</translation>
        </message>
        <message>
            <source>Reset all</source>
            <translation>全部重置</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Search actions and keys</source>
            <translation>搜索操作和按键</translation>
        </message>
        <message>
            <source>Take it</source>
            <translation>占用</translation>
        </message>
        <message>
            <source>Take the key away from the other action</source>
            <translation>从另一个操作取走该按键</translation>
        </message>
        <message>
            <source>What it does</source>
            <translation>作用</translation>
        </message>
        <message>
            <source>{key} belongs to “{action}”. Nothing was changed.</source>
            <translation>{key} 属于“{action}”。未作任何更改。</translation>
        </message>
    </context>
    <context>
        <name>SourcePicker</name>
        <message>
            <source>Camera, video, images or stream to look at</source>
            <translation>要查看的摄像头、视频、图片或流</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>演示片段</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>打开</translation>
        </message>
        <message>
            <source>Open a video, images or an address</source>
            <translation>打开视频、图片或地址</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>来源</translation>
        </message>
    </context>
    <context>
        <name>Sources</name>
        <message>
            <source>Camera {number}</source>
            <translation>摄像头 {number}</translation>
        </message>
        <message>
            <source>Demo clip</source>
            <translation>演示片段</translation>
        </message>
    </context>
    <context>
        <name>SourcesController</name>
        <message>
            <source>Choose it in the list of sources.</source>
            <translation>请在来源列表中选择它。</translation>
        </message>
        <message>
            <source>Looking for cameras ...</source>
            <translation>正在查找摄像头...</translation>
        </message>
        <message>
            <source>No camera was found.</source>
            <translation>未找到摄像头。</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>正在打开...</translation>
        </message>
        <message>
            <source>Plug it in and choose it, or go on with this one.</source>
            <translation>请接上并选择它，或继续使用当前来源。</translation>
        </message>
        <message>
            <source>Plug one in and press F5.</source>
            <translation>请接上摄像头并按 F5。</translation>
        </message>
        <message>
            <source>The camera that was shown last is not plugged in.</source>
            <translation>上次使用的摄像头未接上。</translation>
        </message>
        <message>
            <source>{camera} was plugged in.</source>
            <translation>{camera} 已接上。</translation>
        </message>
    </context>
    <context>
        <name>StatusStrip</name>
        <message>
            <source> + {count} predicted</source>
            <translation> + {count} 只预测</translation>
        </message>
        <message numerus="yes">
            <source>%n hand(s)</source>
            <translation>
                <numerusform>%n 只手</numerusform>
            </translation>
        </message>
        <message>
            <source>Dropped frames</source>
            <translation>丢弃的帧</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>推理引擎</translation>
        </message>
        <message>
            <source>Engine being built</source>
            <translation>正在构建引擎</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>每秒帧数</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>手</translation>
        </message>
        <message>
            <source>Hands seen in this picture, and hands kept though unseen</source>
            <translation>此画面中看到的手，以及暂时看不到但仍保留的手</translation>
        </message>
        <message>
            <source>No engine</source>
            <translation>无推理引擎</translation>
        </message>
        <message>
            <source>No source</source>
            <translation>无来源</translation>
        </message>
        <message>
            <source>Pictures per second: given by the source, gone through the network, drawn here</source>
            <translation>每秒画面数：来源提供、经过网络、在此绘制</translation>
        </message>
        <message>
            <source>Pictures that a newer one replaced before the network was free.
What is shown is never old because of them.</source>
            <translation>在网络空闲之前被更新画面取代的画面。
因此显示的内容永远不会过时。</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>来源</translation>
        </message>
        <message>
            <source>The source and its real mode</source>
            <translation>来源及其实际模式</translation>
        </message>
        <message>
            <source>What runs the network</source>
            <translation>运行网络的引擎</translation>
        </message>
        <message>
            <source>{captured} captured · {processed} processed · {drawn} drawn per second</source>
            <translation>每秒采集 {captured} · 处理 {processed} · 绘制 {drawn}</translation>
        </message>
        <message>
            <source>{dropped}/{captured} dropped ({share} %)</source>
            <translation>丢弃 {dropped}/{captured}（{share} %）</translation>
        </message>
    </context>
    <context>
        <name>StreamPanel</name>
        <message>
            <source>Copy the address</source>
            <translation>复制地址</translation>
        </message>
        <message>
            <source>Fingers and wrists of an avatar</source>
            <translation>虚拟形象的手指和手腕</translation>
        </message>
        <message>
            <source>JSON for web pages and scripts</source>
            <translation>用于网页和脚本的 JSON</translation>
        </message>
        <message>
            <source>Listen at, HOST:PORT</source>
            <translation>监听地址，HOST:PORT</translation>
        </message>
        <message>
            <source>Numbers for music and stage tools</source>
            <translation>用于音乐和舞台工具的数值</translation>
        </message>
        <message>
            <source>OSC</source>
            <translation>OSC</translation>
        </message>
        <message>
            <source>Send to, HOST:PORT</source>
            <translation>发送到，HOST:PORT</translation>
        </message>
        <message>
            <source>VMC</source>
            <translation>VMC</translation>
        </message>
        <message>
            <source>WebSocket</source>
            <translation>WebSocket</translation>
        </message>
    </context>
    <context>
        <name>StreamsController</name>
        <message>
            <source>1 client</source>
            <translation>1 个客户端</translation>
        </message>
        <message>
            <source>Nothing to send</source>
            <translation>没有可发送的内容</translation>
        </message>
        <message>
            <source>Opening ...</source>
            <translation>正在打开...</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>正在发送</translation>
        </message>
        <message>
            <source>Streams</source>
            <translation>数据流</translation>
        </message>
        <message>
            <source>The stream has ended.</source>
            <translation>数据流已结束。</translation>
        </message>
        <message>
            <source>{count} clients</source>
            <translation>{count} 个客户端</translation>
        </message>
        <message>
            <source>{rate} per second</source>
            <translation>每秒 {rate}</translation>
        </message>
    </context>
    <context>
        <name>Timeline</name>
        <message>
            <source>Timeline</source>
            <translation>时间线</translation>
        </message>
    </context>
    <context>
        <name>Toolbar</name>
        <message>
            <source>Colours</source>
            <translation>颜色</translation>
        </message>
        <message>
            <source>Main bar</source>
            <translation>主工具栏</translation>
        </message>
        <message>
            <source>What colours the surface</source>
            <translation>表面的着色方式</translation>
        </message>
    </context>
    <context>
        <name>TrackingController</name>
        <message>
            <source>Tracking</source>
            <translation>跟踪</translation>
        </message>
    </context>
    <context>
        <name>TrackingPanel</name>
        <message>
            <source>Defaults</source>
            <translation>默认值</translation>
        </message>
        <message>
            <source>Hands</source>
            <translation>手</translation>
        </message>
        <message>
            <source>Lag</source>
            <translation>滞后</translation>
        </message>
        <message>
            <source>Least score</source>
            <translation>最低分数</translation>
        </message>
        <message>
            <source>Least score of a hand</source>
            <translation>手的最低分数</translation>
        </message>
        <message>
            <source>Number of hands</source>
            <translation>手的数量</translation>
        </message>
        <message>
            <source>Quick</source>
            <translation>灵敏</translation>
        </message>
        <message>
            <source>Smoothing</source>
            <translation>平滑</translation>
        </message>
        <message>
            <source>Steady</source>
            <translation>平稳</translation>
        </message>
        <message>
            <source>Steady to quick</source>
            <translation>平稳到灵敏</translation>
        </message>
        <message>
            <source>The drawn hand trails by {slow} ms at 10 cm/s and {fast} ms at 1 m/s.</source>
            <translation>绘制的手在 10 cm/s 时滞后 {slow} 毫秒，在 1 m/s 时滞后 {fast} 毫秒。</translation>
        </message>
    </context>
    <context>
        <name>WelcomeController</name>
        <message>
            <source>3D graphics</source>
            <translation>3D 图形</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>推理引擎</translation>
        </message>
        <message>
            <source>Hand model</source>
            <translation>手部模型</translation>
        </message>
        <message>
            <source>Install a graphics driver. The picture works without, in 2D.</source>
            <translation>请安装显卡驱动。没有它画面仍可以 2D 方式显示。</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>网络模型</translation>
        </message>
        <message>
            <source>Plug one in and look again. The demo clip shows how it works.</source>
            <translation>请接上摄像头后重新检查。演示片段可展示其工作方式。</translation>
        </message>
        <message>
            <source>Reinstall the program.</source>
            <translation>请重新安装程序。</translation>
        </message>
        <message>
            <source>Restore the folder “resources”, or reinstall.</source>
            <translation>请恢复 “resources” 文件夹，或重新安装。</translation>
        </message>
        <message>
            <source>Webcam</source>
            <translation>摄像头</translation>
        </message>
    </context>
    <context>
        <name>WelcomePage</name>
        <message>
            <source>Everything is there.</source>
            <translation>一切就绪。</translation>
        </message>
        <message>
            <source>Hold your hands before the webcam.</source>
            <translation>请把双手放在摄像头前。</translation>
        </message>
        <message>
            <source>It works here; what is marked can be better.</source>
            <translation>可以使用；标出的部分还可以改进。</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>重新检查</translation>
        </message>
        <message>
            <source>Looking at this computer ...</source>
            <translation>正在检查这台电脑...</translation>
        </message>
        <message>
            <source>Open a video ...</source>
            <translation>打开视频...</translation>
        </message>
        <message>
            <source>Play the demo clip</source>
            <translation>播放演示片段</translation>
        </message>
        <message>
            <source>Something that is needed is missing.</source>
            <translation>缺少必需的部分。</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>开始</translation>
        </message>
        <message>
            <source>They appear on the picture and in the 3D view, as many as there are. No picture leaves this computer.</source>
            <translation>无论有多少只手，都会出现在画面和 3D 视图中。任何画面都不会离开这台电脑。</translation>
        </message>
        <message>
            <source>Welcome to ManyHands</source>
            <translation>欢迎使用 ManyHands</translation>
        </message>
        <message>
            <source>can be better</source>
            <translation>可以改进</translation>
        </message>
        <message>
            <source>good</source>
            <translation>良好</translation>
        </message>
        <message>
            <source>looking</source>
            <translation>检查中</translation>
        </message>
        <message>
            <source>missing</source>
            <translation>缺少</translation>
        </message>
    </context>
    <context>
        <name>_Row</name>
        <message>
            <source>{stream}: state</source>
            <translation>{stream}：状态</translation>
        </message>
    </context>
</TS>
