"""What the demo company's people are called, what it sells, and what is said, in English and Chinese.

Only data. The company sells things for kitchen and home; every name is invented, and every domain ends in
`.example`.
"""

from dataclasses import dataclass


def _words(lines: str) -> tuple[str, ...]:
    return tuple(lines.split())


ENGLISH_FIRST = _words(
    """
    Alice Amelia Arthur Beatrice Ben Caroline Charlotte Daniel Diana Edward Eleanor Ethan Fiona Frank
    Grace Hannah Harriet Henry Isaac Isabel Jack James Julia Kate Laura Leo Lucy Martin Matilda
    Michael Nina Oscar Patrick Paula Peter Philippa Rachel Robert Rose Ruth Samuel Sarah Sophie Stella
    Thomas Victor Violet Walter
    """
)
ENGLISH_LAST = _words(
    """
    Abbott Ashworth Barker Bell Bennett Blackwood Brooks Carter Chapman Clarke Cole Cooper Dawson
    Dixon Ellis Fletcher Foster Gardner Gibson Graham Grant Harper Hayes Holland Hudson Hughes Kerr
    Lambert Lawson Marsh Mercer Morgan Murray Norris Palmer Parsons Pearce Porter Quinn Reed Rhodes
    Shaw Slater Spencer Stone Sutton Thornton Turner Walsh Webb Wells Whitfield
    """
)

CHINESE_LAST = _words(
    """
    王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 黄=huang 赵=zhao 吴=wu 周=zhou 徐=xu 孙=sun 马=ma
    朱=zhu 胡=hu 郭=guo 何=he 林=lin 高=gao 罗=luo 郑=zheng 梁=liang 谢=xie 宋=song 唐=tang 许=xu
    邓=deng 冯=feng 韩=han 曹=cao
    """
)
CHINESE_FIRST = _words(
    """
    伟=wei 芳=fang 娜=na 敏=min 静=jing 强=qiang 磊=lei 洋=yang 艳=yan 勇=yong 军=jun 杰=jie 涛=tao
    明=ming 超=chao 秀英=xiuying 霞=xia 平=ping 刚=gang 桂英=guiying 文静=wenjing 志强=zhiqiang
    建国=jianguo 晓燕=xiaoyan 雨桐=yutong 浩然=haoran 子涵=zihan 欣怡=xinyi 梓萱=zixuan 俊杰=junjie
    思远=siyuan 佳琪=jiaqi 天宇=tianyu 雪梅=xuemei 海燕=haiyan 国华=guohua 丽娟=lijuan 振宇=zhenyu
    婷婷=tingting 嘉豪=jiahao
    """
)
"""Characters and their spelling in Latin letters, for mail addresses."""

MAIL_DOMAINS = ("post.example", "mail.example", "home.example", "letterbox.example")


@dataclass(frozen=True, slots=True)
class Product:
    """Something on sale. `price_cents` without discount; `margin` share of the price that is earned."""

    en: str
    zh: str
    price_cents: int
    margin: float

    def named(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


PRODUCTS = (
    Product("Water filter set", "净水滤芯套装", 3_900, 0.46),
    Product("Coffee beans, 2 kg", "咖啡豆 2 公斤", 4_600, 0.34),
    Product("Tasting box, six bottles", "品鉴礼盒 六瓶装", 7_900, 0.38),
    Product("Electric kettle", "电热水壶", 6_500, 0.30),
    Product("Air purifier Brise", "空气净化器 Brise", 24_900, 0.33),
    Product("Robot vacuum Pico", "扫地机器人 Pico", 39_900, 0.28),
    Product("Espresso machine Alto", "意式咖啡机 Alto", 54_900, 0.31),
    Product("Wine cooler, 24 bottles", "恒温酒柜 24 瓶", 62_900, 0.36),
    Product("Heat pump dryer", "热泵烘干机", 89_900, 0.24),
    Product("Care plan, one year", "一年保养服务", 14_900, 0.62),
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One kind of conversation in one language; texts may name {product} and {order}.

    `note` is what the agent wrote after a call; `disposition` how it was closed.
    """

    topic: str
    disposition: str
    subject: str
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    thanks: tuple[str, ...]
    note: str


ENGLISH = (
    Talk(
        "orders",
        "resolved",
        "Where is order {order}?",
        (
            "Hello, I ordered a {product} and have not heard anything since. The number is {order}.",
            "Could you tell me when order {order} ({product}) will be here?",
        ),
        (
            "Thank you for asking. Order {order} left our warehouse this morning; expect it tomorrow.",
            "I have checked: the {product} is on the van today. You will get a text an hour before.",
        ),
        ("Great, that helps.", "Perfect, thanks for the quick answer."),
        "Asked for delivery of {product}, order {order}. Told the date, confirmed the address.",
    ),
    Talk(
        "billing",
        "resolved",
        "Charged twice for {product}",
        (
            "My statement shows the {product} two times. Please have a look at order {order}.",
            "I need an invoice with our company name for order {order}.",
        ),
        (
            "You are right, and I am sorry. One charge is cancelled; the money is back in three days.",
            "The corrected invoice for order {order} is on its way to your mail address.",
        ),
        ("Thank you for sorting it out.", "Received, thanks."),
        "Double charge on order {order}. Cancelled one, refund within three days.",
    ),
    Talk(
        "product",
        "resolved",
        "Question about the {product}",
        (
            "How often does the {product} need a new filter, and which one fits?",
            "Is the {product} still under guarantee after two years?",
        ),
        (
            "Twice a year is enough for a home of your size. I have put the right part on your wish list.",
            "Yes: three years from the date of purchase, and I can see yours in your account.",
        ),
        ("Good to know, thank you.", "That was what I wanted to hear."),
        "Question on care of {product}. Explained, sent the manual.",
    ),
    Talk(
        "complaint",
        "complaint",
        "{product} broken on arrival",
        (
            "The {product} from order {order} came with a crack, for the second time. I am not happy.",
            "I have waited two weeks for a replacement of my {product}. Nobody calls back.",
        ),
        (
            "I am sorry, this should not happen twice. A new one leaves today and I will watch it myself.",
            "I apologise for the silence. I have opened a complaint and will call you tomorrow before noon.",
        ),
        ("I hope so.", "Fine, I will wait for the call."),
        "Upset: {product} of order {order} damaged. Replacement promised, complaint opened.",
    ),
    Talk(
        "advice",
        "order",
        "Which one suits us?",
        (
            "We are moving house and think about a {product}. Is there a bundle?",
            "A friend recommended the {product}. What would you take for a small flat?",
        ),
        (
            "With the care plan it costs 10 % less this month. I have put an offer into your account.",
            "For a small flat the {product} is plenty, and it is in stock.",
        ),
        ("We take it, thank you.", "I will think about it."),
        "Wanted advice on {product}. Made an offer with care plan.",
    ),
)

CHINESE = (
    Talk(
        "orders",
        "resolved",
        "订单 {order} 到哪里了？",
        (
            "你好，我买的{product}一直没有消息，订单号是 {order}。",
            "请问订单 {order}（{product}）什么时候能送到？",
        ),
        (
            "感谢您的询问。订单 {order} 今天早上已经出库，预计明天送达。",
            "我查到{product}今天正在派送，送达前一小时会给您发短信。",
        ),
        ("好的，谢谢。", "太好了，谢谢你这么快回复。"),
        "询问{product}的送货时间，订单 {order}。已告知日期并核对地址。",
    ),
    Talk(
        "billing",
        "resolved",
        "{product}被重复扣款",
        ("我的账单上{product}扣了两次，请查一下订单 {order}。", "订单 {order} 需要开公司抬头的发票。"),
        (
            "您说得对，非常抱歉。其中一笔已经取消，三天内退回。",
            "订单 {order} 的新发票已经发到您的邮箱。",
        ),
        ("谢谢处理。", "收到了，谢谢。"),
        "订单 {order} 重复扣款，已取消一笔，三天内退款。",
    ),
    Talk(
        "product",
        "resolved",
        "咨询{product}",
        ("{product}多久换一次滤芯？应该买哪一种？", "{product}用了两年，还在保修期内吗？"),
        (
            "按您家的面积，半年换一次就够了，合适的型号已经放进您的收藏。",
            "在的，从购买日起保修三年，您的账户里可以看到。",
        ),
        ("明白了，谢谢。", "那就放心了。"),
        "咨询{product}的保养，已说明并发送说明书。",
    ),
    Talk(
        "complaint",
        "complaint",
        "{product}到货时已损坏",
        (
            "订单 {order} 的{product}送到时裂了，已经是第二次了，我很不满意。",
            "我的{product}换货等了两个星期，没有人回电话。",
        ),
        (
            "非常抱歉，这种事不应该发生两次。新的今天就发出，我会亲自跟进。",
            "很抱歉没有及时回复。我已经登记投诉，明天中午前给您回电。",
        ),
        ("希望如此。", "好，我等你的电话。"),
        "客户不满：订单 {order} 的{product}损坏。承诺换货，已登记投诉。",
    ),
    Talk(
        "advice",
        "order",
        "哪一款适合我们？",
        ("我们要搬家，想买{product}，有套餐吗？", "朋友推荐了{product}，小户型应该选哪一款？"),
        ("本月和保养服务一起买便宜一成，报价已经放在您的账户里。", "小户型用{product}完全够了，现在有货。"),
        ("那就买了，谢谢。", "我再考虑一下。"),
        "咨询选购{product}，已提供含保养服务的报价。",
    ),
)

TALKS = {"en": ENGLISH, "zh": CHINESE}

CASE_TITLES = {
    ("request", "en"): (
        "Appointment for installation",
        "Replacement part",
        "Change of address",
        "Invoice copy",
    ),
    ("request", "zh"): ("预约安装", "更换配件", "修改地址", "补开发票"),
    ("complaint", "en"): (
        "Damaged on arrival",
        "Nobody called back",
        "Delivered too late",
        "Wrong amount charged",
    ),
    ("complaint", "zh"): ("到货损坏", "承诺回电未回", "送货太晚", "扣款金额错误"),
}
